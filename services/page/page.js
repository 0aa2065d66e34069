// What the page does besides standing there: it fetches itself anew (but for style and script; it
// has them), shows only what is looked for, and can be told to stay as it is. All that changes is
// taken, as parsed nodes, from the new page.
"use strict";
(() => {
	const parts = ["icon", "headline", "notices", "facts", "rows", "more", "log", "at"];
	const byId = (id) => document.getElementById(id);
	const seconds = Number(document.body.dataset.refresh);
	const filter = byId("filter");
	const problems = byId("problems");
	const pause = byId("pause");
	const live = byId("at").parentNode;
	let paused = false;
	let timer = 0;

	// What a row may be looked for by; not the words that are in every one.
	function textOf(row) {
		const parts = row.querySelectorAll("th, .pill, .reasons, .address");

		return [...parts].map((part) => part.textContent).join(" ").toLowerCase();
	}

	function applyFilter() {
		if (!filter)
			return;
		const wanted = filter.value.toLowerCase().split(/\s+/);
		const rows = byId("rows").rows;
		let shown = 0;

		for (const row of rows) {
			const text = textOf(row);
			const fits = wanted.every((word) => text.includes(word)) &&
				(!problems.checked || row.matches(".bad, .wait"));

			row.hidden = !fits;
			shown += fits ? 1 : 0;
		}
		byId("shown").textContent =
			shown === rows.length ? "" : `${shown} of ${rows.length} shown`;
	}

	// Takes over what is another now; the rest stays, with the eye on it and the text selected.
	function takeOver(fresh) {
		for (const id of parts) {
			const from = fresh.getElementById(id);
			const to = byId(id);

			if (from && !to) { // this was the page that says why there is none
				location.reload();
				return;
			}
			if (from && from.outerHTML !== known.get(id)) {
				known.set(id, from.outerHTML);
				to.replaceWith(document.importNode(from, true));
			}
		}
		document.title = fresh.title;
		applyFilter();
	}

	// XMLHttpRequest parses by itself: no text ever becomes a part of the page by our hand.
	function refresh() {
		const request = new XMLHttpRequest();

		clearTimeout(timer);
		request.open("GET", "/?parts");
		request.responseType = "document";
		request.timeout = Math.max(10, 2 * seconds) * 1000;
		request.onloadend = () => {
			const fresh = request.response;
			const good = fresh && fresh.getElementById("headline");

			live.classList.toggle("late", !good);
			if (good && !paused)
				takeOver(fresh);
			schedule();
		};
		request.send();
	}

	function schedule() {
		clearTimeout(timer);
		if (!paused && !document.hidden)
			timer = setTimeout(refresh, seconds * 1000);
	}

	const known = new Map(parts.map((id) => [id, byId(id) ? byId(id).outerHTML : ""]));
	pause.hidden = false;
	pause.addEventListener("click", () => {
		paused = !paused;
		pause.textContent = paused ? "Go on" : "Pause";
		pause.setAttribute("aria-pressed", String(paused));
		if (paused)
			clearTimeout(timer);
		else
			refresh();
	});
	document.addEventListener("visibilitychange", () => {
		if (document.hidden)
			clearTimeout(timer);
		else if (!paused)
			refresh();
	});
	if (filter) {
		byId("tools").hidden = false;
		filter.addEventListener("input", applyFilter);
		problems.addEventListener("change", applyFilter);
		applyFilter(); // a browser may remember what stood there
	}
	schedule();
})();
