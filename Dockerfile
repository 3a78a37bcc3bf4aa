# One image, every role: API, workflow worker, executor, channels. Which one a container is, its command and role say.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# Temporal's sandbox runs one file; built here, because what builds it is not in the final image.
RUN node worker/bundle.ts

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund && npm cache clean --force
COPY --from=build /app/node_modules/.cache/countersign node_modules/.cache/countersign
COPY tsconfig.json tsconfig.base.json countersign.yaml ./
COPY core core
COPY crypto crypto
COPY privacy privacy
COPY policy policy
COPY policies policies
COPY actions actions
COPY activities activities
COPY channels channels
COPY workflows workflows
COPY db db
COPY config config
COPY api api
COPY worker worker
COPY client client
COPY cli cli
# Made here, so that a volume mounted over it belongs to the user the process runs as.
RUN mkdir -p /var/lib/countersign/exports && chown -R node:node /var/lib/countersign
USER node
EXPOSE 8420
CMD ["node", "api/main.ts"]
