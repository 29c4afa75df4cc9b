"""The path of an article, one file a stage; `run.py` reads like the list of them."""
