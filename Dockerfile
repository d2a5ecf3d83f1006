# A static binary, run by nobody in particular, in an image with nothing else.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /out/wenbao ./cmd/wenbao \
 && mkdir -p /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/wenbao /usr/local/bin/wenbao
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV WENBAO_HTTP_ADDR=0.0.0.0:8080 WENBAO_DATA=/data
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/wenbao"]
CMD ["serve"]
