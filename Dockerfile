# The server as an image: built with the profile `dist`, run as a user without rights.
#
#   docker build -t monituottaja .
#   docker run --rm -p 127.0.0.1:8080:8080 monituottaja serve --demo

FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --profile dist --locked -p api

FROM debian:bookworm-slim
# The roots that OpenID Connect issuers and collectors are verified against.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin monituottaja
COPY --from=build /source/target/dist/monituottaja /usr/local/bin/monituottaja
COPY LICENSE /usr/share/doc/monituottaja/LICENSE
USER 10001
WORKDIR /data
VOLUME /data
# Inside a container every interface is the container's own; what is published is for whoever runs it to say.
ENV MONITUOTTAJA_DATA=/data MONITUOTTAJA_BIND=0.0.0.0:8080
# Memory that the last snapshot of the catalogue needed goes back to the system at once: others may live there too.
ENV MIMALLOC_PURGE_DELAY=10
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["monituottaja", "healthcheck"]
ENTRYPOINT ["monituottaja"]
CMD ["serve"]
