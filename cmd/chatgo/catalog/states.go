package catalog

// States returns the backends, in the order of their names.
func States() []State {
	return []State{
		{
			Name: "memory", Title: "the memory of one process, for development and tests", Module: "state-memory", Version: "v0.1.0",
			URL: "memory://",
		},
		{
			Name: "postgres", Title: "Postgres, for teams that have one and no Redis", Module: "state-postgres", Version: "v0.1.0",
			URL: "postgres://postgres:postgres@127.0.0.1:5432/postgres?sslmode=disable", Host: "postgres",
			ServiceURL: "postgres://postgres:postgres@postgres:5432/postgres?sslmode=disable",
			Service: `image: postgres:17
environment:
  POSTGRES_PASSWORD: postgres
volumes: ["data:/var/lib/postgresql/data"]
ports: ["127.0.0.1:5432:5432"]`,
		},
		{
			Name: "redis", Title: "Redis: one server, Sentinel or Cluster", Module: "state-redis", Version: "v0.1.0",
			URL: "redis://127.0.0.1:6379", Host: "redis", ServiceURL: "redis://redis:6379",
			Service: `image: redis:7
command: redis-server --appendonly yes --maxmemory-policy noeviction
volumes: ["data:/data"]
ports: ["127.0.0.1:6379:6379"]`,
		},
	}
}
