// Shows what GET /api/health says; the page is complete without it.
const status = document.getElementById("status");
fetch("/api/health", { headers: { accept: "application/json" } })
  .then((response) => response.json())
  .then((health) => { status.textContent = `Service ${health.status} · version ${health.version}`; })
  .catch(() => { status.textContent = "The service does not answer right now."; });
