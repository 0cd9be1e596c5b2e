"""Public stacks in small: the shape of what people run, with images of the tests."""

from __future__ import annotations

from .twin_sample import HOST, Edit, Sample

WORDPRESS = f"""\
services:
  db:
    image: {HOST}/data1:${{DB_TAG:-latest}}
    restart: always
    volumes:
      - db_data:/var/lib/mysql
    environment:
      MYSQL_ROOT_PASSWORD: ${{DB_ROOT_PASSWORD}}
      MYSQL_DATABASE: wordpress
    healthcheck:
      test: ["CMD", "version"]
      interval: 1s
      start_period: 1s
  wordpress:
    image: {HOST}/web1:latest
    restart: always
    depends_on:
      db:
        condition: service_healthy
    ports:
      - "127.0.0.1:18080:8080"
    environment:
      WORDPRESS_DB_HOST: db:3306
      WORDPRESS_DB_PASSWORD: ${{DB_PASSWORD}}
    volumes:
      - ./wp-content:/var/www/html/wp-content
      - ./uploads.ini:/usr/local/etc/php/conf.d/uploads.ini:ro
volumes:
  db_data:
"""
NEXTCLOUD = f"""\
x-app: &app
  image: {HOST}/web2:1.0.0
  restart: unless-stopped
  env_file: [db.env]
  environment: &env
    REDIS_HOST: redis
  volumes: ["nextcloud:/var/www/html"]
services:
  db:
    image: {HOST}/data1:1
    command: --transaction-isolation=READ-COMMITTED --binlog-format=ROW
    env_file: [db.env]
    volumes: ["db:/var/lib/mysql"]
  redis: {{image: "{HOST}/idle1:latest", restart: always, tmpfs: ["/data"]}}
  app:
    <<: *app
    depends_on: [db, redis]
  cron:
    <<: *app
    entrypoint: /init
    depends_on: {{db: {{condition: service_started, restart: true}}, app: {{condition: service_started}}}}
    environment:
      <<: *env
      CRON: "yes"
volumes: {{db: , nextcloud: {{labels: {{backup: daily}}}}}}
"""
GITEA = f"""\
version: "3"
networks:
  gitea:
    external: false
services:
  server:
    image: {HOST}/web1:${{GITEA_VERSION}}
    container_name: gitea
    environment:
      - USER_UID=1000
      - GITEA__database__DB_TYPE=postgres
      - GITEA__database__PASSWD=${{POSTGRES_PASSWORD:?set it in .env}}
    restart: always
    networks: [gitea]
    volumes:
      - ./gitea:/data
      - /etc/localtime:/etc/localtime:ro
    ports: ["127.0.0.1:18022:8080"]
    depends_on: [db]
  db:
    image: {HOST}/idle2:1
    restart: always
    networks: {{gitea: {{aliases: [postgres]}}}}
    volumes: ["./postgres:/var/lib/postgresql/data"]
"""
VPN = f"""\
services:
  gluetun:
    image: {HOST}/web1
    container_name: gluetun
    cap_add: [NET_ADMIN]
    devices: ["/dev/null:/dev/net/tun"]
    ports: ["127.0.0.1:18888:8080"]
    environment: {{VPN_SERVICE_PROVIDER: x, WIREGUARD_PRIVATE_KEY: "${{KEY}}"}}
    restart: unless-stopped
  qbittorrent:
    image: {HOST}/idle3:latest
    network_mode: "service:gluetun"
    depends_on: {{gluetun: {{condition: service_healthy, restart: true}}}}
    volumes: ["./config:/config", "downloads:/downloads"]
  prowlarr:
    image: {HOST}/idle2:stable
    network_mode: "container:gluetun"
    depends_on: [gluetun]
  watcher: {{image: "{HOST}/idle1:1.0.0", volumes: ["downloads:/downloads:ro"]}}
volumes: {{downloads: }}
"""
TRAEFIK = f"""\
services:
  traefik:
    image: {HOST}/web2:latest
    command: ["--providers.docker=true", "--entrypoints.web.address=:80"]
    ports: ["127.0.0.1:18090:8080"]
    volumes: ["/var/run:/var/run/host:ro", "letsencrypt:/letsencrypt"]
    networks: [proxy]
    restart: always
    security_opt: ["no-new-privileges:true"]
  whoami:
    image: {HOST}/web1:stable
    deploy: {{replicas: 2}}
    labels:
      - "traefik.enable=true"
      - "traefik.http.routers.whoami.rule=Host(`whoami.${{DOMAIN}}`) && PathPrefix(`/`)"
      - traefik.http.middlewares.auth.basicauth.users=u:$$apr1$$x
    networks: [proxy]
    depends_on: [traefik]
networks: {{proxy: {{name: web-proxy}}}}
volumes: {{letsencrypt: }}
"""
MONITORING = f"""\
name: monitoring
services:
  prometheus:
    image: {HOST}/idle1:${{PROM:-1.0.0}}
    user: root
    configs: [{{source: prometheus, target: /etc/prometheus/prometheus.yml}}]
    volumes: ["prometheus:/prometheus"]
    command: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.retention.time=15d"]
    extra_hosts: ["host.docker.internal:host-gateway"]
  grafana:
    image: {HOST}/web1:latest
    secrets: [admin_password]
    environment: {{GF_SECURITY_ADMIN_PASSWORD__FILE: /run/secrets/admin_password}}
    depends_on: {{prometheus: {{condition: service_started}}, migrate: {{condition: service_completed_successfully}}}}
    volumes: ["grafana:/var/lib/grafana", "./dashboards:/etc/grafana/dashboards:ro"]
  migrate: {{image: "{HOST}/job1:latest", volumes: ["grafana:/var/lib/grafana"]}}
  node:
    image: {HOST}/idle2:latest
    pid: host
    network_mode: host
    volumes: ["/proc:/host/proc:ro"]
configs: {{prometheus: {{content: "global: {{scrape_interval: ${{EVERY:-15s}}}}\\n"}}}}
secrets: {{admin_password: {{file: ./secret.txt}}}}
volumes: {{prometheus: , grafana: }}
"""


def _one(
    name: str, text: str, moves: tuple[str, ...], services: int, env: str = "", files: dict[str, str] | None = None
) -> Sample:
    more = {f"{name}/{path}": content for path, content in (files or {}).items()}
    dotenv = {f"{name}/.env": env} if env else {}
    return Sample(
        f"real-{name}",
        name,
        {f"{name}/docker-compose.yml": text, **dotenv, **more},
        moves=moves,
        services=services,
        features=(f"{name} in small",),
    )


def _asked(sample: Sample, references: dict[str, str], *edits: tuple[str, str]) -> Sample:
    """Let tags be asked for besides, which an operator would edit by hand."""
    paths = [next(path for path, text in sample.files.items() if old in text) for old, _ in edits]
    by_hand = tuple(Edit(path, old, new) for path, (old, new) in zip(paths, edits, strict=True))
    fields = {field: getattr(sample, field) for field in sample.__dataclass_fields__}
    return Sample(**{**fields, "references": references, "by_hand": by_hand})


SAMPLES = (
    _one(
        "wordpress",
        WORDPRESS,
        ("data1:latest", "web1:latest"),
        2,
        "DB_ROOT_PASSWORD='a b$c'\nDB_PASSWORD=x\n",
        {"uploads.ini": "file_uploads = On\n"},
    ),
    _asked(
        _one("nextcloud", NEXTCLOUD, ("data1:1", "idle1:latest"), 4, files={"db.env": "MYSQL_PASSWORD=x\n"}),
        {"app": "1.1.0", "cron": "1.1.0"},
        ("/web2:1.0.0", "/web2:1.1.0"),
    ),
    _asked(
        _one("gitea", GITEA, ("idle2:1",), 2, "GITEA_VERSION=1.0.0\nPOSTGRES_PASSWORD=gitea\n"),
        {"server": "1.1.0"},
        ("GITEA_VERSION=1.0.0", "GITEA_VERSION=1.1.0"),
    ),
    _one("vpn", VPN, ("web1:latest",), 4, "KEY=abc=\n"),
    _one("traefik", TRAEFIK, ("web1:stable",), 2, "DOMAIN=example.org\n"),
    _one("monitoring", MONITORING, ("job1:latest", "web1:latest", "idle2:latest"), 4, files={"secret.txt": "s\n"}),
)
