"""The office page: what the people of the data center see and do in a browser, rendered here, without any script."""
