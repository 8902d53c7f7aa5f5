"""What is around every page: navigation, links, the one bank of this server, what a visitor's session remembers."""
