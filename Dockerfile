# A static binary on an image without a shell or a package manager.
#
#   docker build -t credits_exporter .
#   docker run --rm -p 127.0.0.1:10069:10069 credits_exporter demo
#   docker run -d -p 127.0.0.1:10069:10069 \
#     -v ./credits_exporter.yml:/etc/credits_exporter/credits_exporter.yml:ro \
#     -v ./keys:/run/secrets:ro -v credits:/var/lib/credits_exporter \
#     --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges credits_exporter
#
# The configuration and the keys must be readable by user 65532.

# The build runs on the builder's own architecture and cross-compiles, which needs no emulation.
FROM --platform=$BUILDPLATFORM golang:1.26.8 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# The state directory is made here, because the final image has no shell to make it with.
RUN mkdir -m 0700 /state
ARG TARGETOS TARGETARCH
ARG VERSION=dev REVISION=unknown BRANCH=unknown BUILD_DATE=unknown
RUN v=github.com/prometheus/common/version && \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags "-s -w \
      -X $v.Version=$VERSION -X $v.Revision=$REVISION -X $v.Branch=$BRANCH \
      -X $v.BuildUser=docker -X $v.BuildDate=$BUILD_DATE" \
      -o /credits_exporter ./cmd/credits_exporter

FROM gcr.io/distroless/static-debian13:nonroot
ARG VERSION=dev REVISION=unknown BUILD_DATE=unknown
LABEL org.opencontainers.image.authors="The credits_exporter authors" \
      org.opencontainers.image.title="credits_exporter" \
      org.opencontainers.image.description="Prometheus exporter for prepaid credits and balances at API vendors" \
      org.opencontainers.image.source="https://github.com/credits-exporter/credits_exporter" \
      org.opencontainers.image.url="https://github.com/credits-exporter/credits_exporter" \
      org.opencontainers.image.documentation="https://github.com/credits-exporter/credits_exporter#readme" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$BUILD_DATE"

COPY LICENSE /LICENSE
COPY --from=build /credits_exporter /bin/credits_exporter
COPY --from=build --chown=65532:65532 --chmod=0700 /state /var/lib/credits_exporter

# By number, so that Kubernetes' runAsNonRoot can tell that it is not root.
USER 65532:65532
# `storage.file.path` defaults to it. Without it the state would go beside the configuration, which is read-only.
ENV STATE_DIRECTORY=/var/lib/credits_exporter
WORKDIR /var/lib/credits_exporter
VOLUME /var/lib/credits_exporter
EXPOSE 10069
# With a --web.listen-address or --web.config.file of your own, give the check the same flags.
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s --retries=3 CMD ["/bin/credits_exporter", "healthcheck"]
ENTRYPOINT ["/bin/credits_exporter"]
CMD ["serve", "--config.file=/etc/credits_exporter/credits_exporter.yml"]
