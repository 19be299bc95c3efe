"""From an object that was rendered back to the line that a person edits.

- routes: the way into a value; places: the line where it ends
- written: which file wrote an object; kustomization, patch and values: which patch, generator or values key did
"""
