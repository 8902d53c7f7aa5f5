"""What people see: pages read input, call a package and show the result; what they share is on these shelves."""
