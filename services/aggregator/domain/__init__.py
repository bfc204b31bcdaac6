"""What one transaction writes, decided without IO."""
