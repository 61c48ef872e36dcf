# doorbuster in an image of its own: the one program, nothing else.
#
#   docker build -t doorbuster --build-arg COMMIT="$(git describe --always --dirty)" .
#   docker run --rm -v "$PWD/out:/out" doorbuster run blackfriday --out /out/blackfriday
#
# Its engines in memory run as they are. Servers have to be named: -e DOORBUSTER_POSTGRES=postgres://…, and --allow-remote.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG COMMIT=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.commit=$COMMIT" -o /doorbuster ./cmd/doorbuster && mkdir /out

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /doorbuster /usr/local/bin/doorbuster
COPY --from=build --chown=nonroot:nonroot /out /out
WORKDIR /
USER nonroot
ENTRYPOINT ["/usr/local/bin/doorbuster"]
CMD ["--help"]
