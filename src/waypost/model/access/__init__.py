"""Who may do what: policies, principals, trust."""
