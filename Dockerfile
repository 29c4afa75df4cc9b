# Second Source as a container: docs/operations.md tells how it is run.
#
# Linted, and not built where it was written: there was no container engine.

FROM python:3.13-slim-trixie AS build

# Mirrors of the package index, where the usual one cannot be reached.
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
# One extra of pyproject.toml: embeddings searches by meaning too.
ARG EXTRA=""

WORKDIR /src
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never

# As in the Makefile: pip installs one package, uv, by the hashes of the lock; uv installs the rest by theirs.
COPY requirements.lock pyproject.toml ./
RUN awk '/^uv==/, !/\\$/' requirements.lock > uv.txt \
 && pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r uv.txt \
 && uv venv --python /usr/local/bin/python3 /opt/secondsource \
 && uv pip install --python /opt/secondsource --require-hashes --constraint requirements.lock \
      --requirement pyproject.toml ${EXTRA:+--extra "$EXTRA"}

COPY README.md LICENSE ./
COPY schemas schemas
COPY service service
COPY prompts prompts
RUN uv pip install --python /opt/secondsource --no-deps --build-constraint requirements.lock .


FROM python:3.13-slim-trixie

# The number is fixed, so that an administrator can give it a folder of the host.
RUN useradd --system --uid 10001 --user-group --home-dir /data --no-create-home --shell /usr/sbin/nologin secondsource \
 && install --directory --owner=secondsource --group=secondsource --mode=0700 /data

COPY --from=build /opt/secondsource /opt/secondsource

# Every address, for in a container no other is reached. The server refuses that until there is a key:
#   docker run --rm --volume secondsource:/data IMAGE keys create NAME --scope write
ENV PATH=/opt/secondsource/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    SECONDSOURCE_DATABASE_URL=sqlite:////data/secondsource.sqlite \
    SECONDSOURCE_HOST=0.0.0.0 \
    SECONDSOURCE_PORT=8000 \
    SECONDSOURCE_LOGS=json

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

ENTRYPOINT ["secondsource"]
CMD ["serve"]
