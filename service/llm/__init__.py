"""Everything that talks to a model. Provider SDKs are imported here and nowhere else."""
