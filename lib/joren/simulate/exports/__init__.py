"""The simulated retailer's files, each in the headers and the encoding of the system it is from."""
