"""The image and its secrets: `Dockerfile` for `docker-compose.yml`, `env` for `.env`."""
