// The look of all widgets: colors by role, light and dark, sizes for fingers.

export const STYLE = `
:host { display: block; container-type: inline-size; text-align: left; }
.frame {
  --paper: #fff; --ink: #1c2329; --soft: #56606a; --grid: #e5e8eb; --edge: #8b949c; --blue: #0072b2; --vermillion: #c65500;
  --green: #007a5a; --purple: #a5478b; --orange: #a86f00; --key: #eef2f5; --focus: #0072b2;
  box-sizing: border-box; min-width: 300px; padding: 14px 16px; margin: 0; color: var(--ink); background: var(--paper);
  border: 1px solid var(--grid); border-radius: 10px; font: 15px/1.45 system-ui, "Segoe UI", Roboto, sans-serif;
  font-variant-numeric: tabular-nums; color-scheme: light;
}
.frame.dark {
  --paper: #14191e; --ink: #e7ebee; --soft: #a9b3bc; --grid: #2b333b; --edge: #6b7680; --blue: #62b8f2; --vermillion: #ff9350;
  --green: #3ccb9c; --purple: #e69ccb; --orange: #f2b84b; --key: #222a31; --focus: #62b8f2; color-scheme: dark;
}
.question { margin: 0; font-size: 17px; font-weight: 650; line-height: 1.3; text-wrap: balance; }
.how { margin: 4px 0 10px; color: var(--soft); }
.plots { display: grid; gap: 4px 20px; grid-template-columns: minmax(0, 1fr); }
@container (min-width: 640px) { .plots.two { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
.plot { position: relative; min-width: 0; }
svg { display: block; overflow: visible; }
svg.chart { touch-action: pan-y; user-select: none; -webkit-user-select: none; }
text { fill: var(--soft); font-size: 12px; }
text.strong { fill: var(--ink); font-weight: 600; }
.halo { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; stroke-linejoin: round; }
path, line { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
.gridline { stroke: var(--grid); stroke-width: 1; shape-rendering: crispEdges; }
.axis { stroke: var(--edge); stroke-width: 1; shape-rendering: crispEdges; }
.blue { stroke: var(--blue); } .vermillion { stroke: var(--vermillion); } .green { stroke: var(--green); }
.purple { stroke: var(--purple); } .orange { stroke: var(--orange); } .ink { stroke: var(--ink); } .soft { stroke: var(--edge); }
.thick { stroke-width: 2.5; } .thin { stroke-width: 1; } .dashed { stroke-dasharray: 6 4; } .dotted { stroke-dasharray: 1.5 4; stroke-linecap: round; }
.faint { opacity: .55; } .fainter { opacity: .22; }
.area { stroke: none; opacity: .2; }
.area.blue, .mark.blue { fill: var(--blue); } .area.vermillion, .mark.vermillion { fill: var(--vermillion); }
.area.green, .mark.green { fill: var(--green); } .area.purple, .mark.purple { fill: var(--purple); } .mark.ink { fill: var(--ink); }
.area.orange, .mark.orange { fill: var(--orange); }
.mark { stroke: none; } .mark.ring { fill: none; stroke-width: 2; stroke: var(--ink); }
.handle { cursor: grab; touch-action: none; outline: none; }
.handle:active { cursor: grabbing; }
.handle .hit { fill: transparent; stroke: none; }
.handle .dot { fill: var(--ink); stroke: var(--paper); stroke-width: 2; }
.handle.hollow .dot { fill: var(--paper); stroke: var(--vermillion); stroke-width: 3; }
.handle:hover .dot, .handle.chosen .dot { stroke: var(--vermillion); }
.handle:focus-visible .hit { stroke: var(--focus); stroke-width: 2.5; fill: color-mix(in srgb, var(--focus) 15%, transparent); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 2px 0 6px; color: var(--soft); font-size: 13px; }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
.controls { display: flex; flex-wrap: wrap; gap: 8px 18px; align-items: end; margin-top: 10px; }
.slider { flex: 1 1 190px; display: block; font-size: 14px; }
.slider span { display: flex; justify-content: space-between; gap: 8px; }
.slider output { font-weight: 600; white-space: nowrap; }
input[type=range] { width: 100%; height: 30px; margin: 0; accent-color: var(--blue); cursor: pointer; }
button, .chip { font: inherit; font-size: 14px; min-height: 34px; padding: 4px 12px; border: 1px solid var(--edge); border-radius: 8px;
  color: var(--ink); background: var(--key); cursor: pointer; box-sizing: border-box; }
button.main { color: var(--paper); background: var(--blue); border-color: var(--blue); font-weight: 600; }
button:disabled { opacity: .45; cursor: default; }
button[aria-pressed=true] { border-color: var(--blue); box-shadow: inset 0 0 0 1px var(--blue); }
button:focus-visible, input:focus-visible, select:focus-visible { outline: 2.5px solid var(--focus); outline-offset: 2px; }
@media (pointer: coarse) { button, .chip, select { min-height: 44px; } input[type=range] { height: 40px; } }
.row { display: flex; flex-wrap: wrap; gap: 8px; }
select { font: inherit; font-size: 14px; min-height: 34px; color: var(--ink); background: var(--key); border: 1px solid var(--edge); border-radius: 8px; padding: 2px 8px; }
.pick { display: flex; gap: 8px; align-items: center; min-height: 26px; font-size: 13px; cursor: pointer; }
.pick input { accent-color: var(--blue); width: 18px; height: 18px; margin: 0; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
.pick output { margin-left: auto; color: var(--soft); }
.pick.strong { font-weight: 650; }
.tabs { margin-bottom: 10px; }
.status { margin: 10px 0 0; min-height: 1.45em; }
.status b { font-weight: 650; }
.note { color: var(--soft); font-size: 13px; }
.number { flex: 0 0 auto; font-size: 14px; } .number b { display: block; font-size: 22px; line-height: 1.2; font-weight: 650; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;
