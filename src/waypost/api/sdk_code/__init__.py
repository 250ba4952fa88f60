"""Ready-to-paste code for one call, in each language that there are official clients for."""
