# Nightjar in a container: `docker build -t nightjar .`, then see "In a container" in README.md.
# BASE is any image of Debian (or Ubuntu) that has Node in /usr/local and a user `node`, as the official ones have.
ARG BASE=docker.io/library/node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /app
COPY src/cli/packages.mjs src/cli/
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends \
      $(node --input-type=module --eval "import { namesFor } from '/app/src/cli/packages.mjs'; console.log(namesFor('build'))") \
 && rm -rf /var/lib/apt/lists/*
# Node's headers are in the base already: node-gyp need not download them.
ENV npm_package_config_node_gyp_nodedir=/usr/local
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund --no-update-notifier
COPY . .
# At the end goes what only the compiler needed: sources and objects.
RUN node src/cli/setup.mjs build \
 && npm prune --omit=dev --no-audit --no-fund --no-update-notifier \
 && rm -rf node_modules/better-sqlite3/deps node_modules/better-sqlite3/build/Release/obj* \
      node_modules/better-sqlite3/build/Release/.deps node_modules/node-gtk/build node_modules/node-gtk/src

FROM ${BASE}
WORKDIR /app
COPY src/cli/packages.mjs src/cli/
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends \
      $(node --input-type=module --eval "import { namesFor } from '/app/src/cli/packages.mjs'; console.log(namesFor('run'))") \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o node -g node /media /state
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
USER node
# Fails the build when a library is missing, and leaves GStreamer's list of plug-ins ready for a quick start.
RUN node -e "require('node-gtk').require('Gst', '1.0').init(null); new (require('better-sqlite3'))(':memory:').close()"
# Threads for the disks: one that does not answer holds a few of them.
ENV NODE_ENV=production \
    UV_THREADPOOL_SIZE=16 \
    NIGHTJAR_MEDIA_DIR=/media \
    NIGHTJAR_STATE_DIR=/state \
    NIGHTJAR_HOST=0.0.0.0 \
    NIGHTJAR_PORT=8080
VOLUME ["/media", "/state"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "const ask = (kind, otherwise) => require(kind).get({ host: '127.0.0.1', port: process.env.NIGHTJAR_PORT, path: '/healthz', rejectUnauthorized: false }, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on('error', otherwise); ask('https', () => ask('http', () => process.exit(1)))"]
# Node is process 1 and needs no init in front of it: Nightjar handles SIGTERM itself, and Node reaps the processes that it
# starts. The exec form keeps a shell from swallowing the signal.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--enable-source-maps", "dist/main.js"]
CMD ["serve"]
