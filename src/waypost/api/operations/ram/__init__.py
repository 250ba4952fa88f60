"""The operations on users, access keys, policies and roles: product ram, version 2015-05-01."""
