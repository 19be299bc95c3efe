"""What environments run: pods, volumes, what they ask of their nodes, images and charts."""
