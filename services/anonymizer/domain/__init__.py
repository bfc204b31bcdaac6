"""What an event keeps of a report, and where it happened: values in, values out."""
