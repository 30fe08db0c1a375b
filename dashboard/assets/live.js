// SPDX-License-Identifier: Apache-2.0
"use strict";
// Says what the field is that is being chosen. Without it a button does.
for (const input of document.querySelectorAll("[data-look]")) {
	const about = input.closest(".grid").querySelector(".about span");
	input.addEventListener("input", () => {
		const known = [...input.list.options].find((o) => o.value.toLowerCase() === input.value.toLowerCase());
		if (known && about) about.textContent = known.textContent;
	});
}
// Searches older leads until some are found, and says how far it is. Without it a link does.
(async () => {
	const box = document.querySelector("[data-continue]");
	for (let link = box?.querySelector("a"); link; link = box.querySelector("a")) {
		const page = await fetch(link.href);
		if (!page.ok) return;
		const next = new DOMParser().parseFromString(await page.text(), "text/html").querySelector("[data-continue]");
		if (!next) return location.replace(link.href);
		box.replaceChildren(...next.childNodes);
	}
})();
// Follows a running sync. Without it, or without a stream, the page is reloaded by hand.
(() => {
	const box = document.querySelector("[data-live]");
	if (!box || Number(box.dataset.togo) === 0) return;
	const format = new Intl.NumberFormat(document.documentElement.lang);
	const show = (name, value) => {
		for (const e of document.querySelectorAll(`[data-count="${name}"]`)) e.textContent = format.format(value);
	};
	const source = new EventSource(box.dataset.live);
	let broken = 0;
	source.onmessage = (message) => {
		broken = 0;
		const now = JSON.parse(message.data);
		for (const name of ["cleared", "failed", "preSync", "frozen", "toGo"]) show(name, now[name]);
		if (now.rate > 0) show("rate", Math.round(now.rate));
		const bar = box.querySelector("progress");
		if (bar) bar.value = now.percent;
		if (now.toGo === 0) {
			source.close();
			location.reload();
		}
	};
	source.onerror = () => {
		if (++broken < 3) return;
		source.close();
		setTimeout(() => location.reload(), 10000);
	};
})();
