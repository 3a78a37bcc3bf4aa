// Reloads the request page when the request changes; while somebody is writing, it only says so.
const { live, revision } = document.body.dataset;
if (live) {
  const events = new EventSource(
    `/requests/${encodeURIComponent(live)}/changes?revision=${encodeURIComponent(revision)}`,
  );
  events.addEventListener("changed", () => {
    const writing = [...document.querySelectorAll("textarea")].some((field) => field.value !== "");
    const choosing = document.querySelector("details.answer[open] select, details.answer[open] textarea");
    if (!writing && !choosing) return location.reload();
    const notice = document.getElementById("changed");
    notice.hidden = false;
    events.close();
  });
}
