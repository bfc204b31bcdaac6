"""The sender: looks at the lease table, and sends what is due.

Any number of instances run side by side; a lease that has run out is anyone's.
"""
