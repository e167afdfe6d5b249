"""Lists that leave a run: who may be contacted, who is held out, the file another tool reads."""
