// Starts each figure that can be played with when it comes near the screen; until then, and without scripts, a picture stands there.
const root = document.documentElement.dataset.content_root ?? "./";

async function play(element) {
  const { default: widget } = await import(new URL(`${root}widgets/${element.dataset.widget}.js`, location.href));
  widget.render({ el: element });
}

const near = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    play(target);
  }
}, { rootMargin: "300px" });
for (const element of document.querySelectorAll("[data-widget]")) near.observe(element);

// Printed, a folded solution opens, and what is dark is light.
let theme;
addEventListener("beforeprint", () => {
  document.querySelectorAll("details.solution").forEach((box) => { box.open = true; });
  theme = document.documentElement.dataset.theme;
  document.documentElement.dataset.theme = "light";
});
addEventListener("afterprint", () => { document.documentElement.dataset.theme = theme; });
