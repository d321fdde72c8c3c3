# A small image: the program, the certificates that it trusts, and nobody to log in as.
#
#     docker build -t pressdiff .
#     docker run -d --name pressdiff --read-only --cap-drop=ALL --security-opt=no-new-privileges \
#         -v pressdiff:/var/lib/pressdiff -v ./pressdiff.toml:/etc/pressdiff/pressdiff.toml:ro pressdiff
#     docker kill --signal=HUP pressdiff        takes a new configuration
#
# In pressdiff.toml, set [store] path = "/var/lib/pressdiff/pressdiff.db", and keep the files of log alerts there too.
# The review pages answer inside the container; to reach them from outside, let [web] listen on 0.0.0.0:8787 and set a
# password first: docker run --rm -it … pressdiff passwd

FROM docker.io/library/rust:1.95-slim-trixie AS build
# The compiler for SQLite, zstd and the cryptography of TLS.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential cmake \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin pressdiff \
    && strip target/release/pressdiff \
    && install -d -o 65532 -g 65532 -m 0700 /state

FROM gcr.io/distroless/cc-debian13:nonroot
COPY --from=build /build/target/release/pressdiff /usr/local/bin/pressdiff
# The owner of an empty volume is that of the folder that it stands on.
COPY --from=build --chown=65532:65532 /state /var/lib/pressdiff
USER 65532:65532
WORKDIR /var/lib/pressdiff
VOLUME /var/lib/pressdiff
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m --timeout=10s --start-period=5m \
    CMD ["/usr/local/bin/pressdiff", "health", "--ready"]
ENTRYPOINT ["/usr/local/bin/pressdiff"]
CMD ["run"]
