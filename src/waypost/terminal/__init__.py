"""What commands and the demo write on a terminal: outcomes, errors, timelines."""
