"""What scripts/deploy.sh does on AWS."""
