// Line drawings, 24 by 24. None has two bars that meet at right angles, nor a crescent or a diamond: the protected
// emblems, and whatever could be taken for one of them from afar, are never drawn.
export const shapes = {
  people: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M2.5 19c0-3 2.5-5 5.5-5s5.5 2 5.5 5M16 11a2.5 2.5 0 1 0 0-5M16.5 14c2.800 0 5 1.800 5 4.5',
  truck: 'M2 6h11v10H2zM13 10h4l4 3v3h-8M6.5 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4M17 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4',
  tally: 'M6 5v14M10 5v14M14 5v14M18 5v14M3 16 21 8',
  hand: 'M3 14l4-2 5 1.5c1.5.5 1.200 2.5-.5 2.5H9M12 15l6.5-2.5c1.5-.5 2.5 1.5 1 2.5L13 19l-6-1-4 1.5',
  scan: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8 9h3v3H8zM14 14h2v2h-2zM14 8.5h2M8.5 15.5v.5',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M15.5 15.5 21 21',
  file: 'M6 3h8l4 4v14H6zM9 11h6M9 14.5h6M9 18h4',
  list: 'M4 6h.01M4 12h.01M4 18h.01M8 6h12M8 12h12M8 18h12',
  chart: 'M4 20V11M9.5 20V5M15 20v-7M20.5 20V8',
  card: 'M3 6h18v12H3zM6.5 9.5h4v4h-4zM13.5 10h4.5M13.5 13h3',
  sheet: 'M5 3h14v18H5zM8 8h8M8 12h8M8 16h5',
  gear: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 9a2 2 0 1 0 0-4 2 2 0 0 0 0 4M9 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4',
  back: 'M15 5l-7 7 7 7',
  device: 'M7 3h10v18H7zM11 18h2',
  home: 'M4 20v-9a8 8 0 0 1 16 0v9h-5v-6a3 3 0 0 0-6 0v6z',
  route: 'M6 21a2 2 0 1 0 0-4 2 2 0 0 0 0 4M18 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4M6 17c0-6 12-4 12-10',
  pin: 'M12 21c4-5 6-8 6-11a6 6 0 1 0-12 0c0 3 2 6 6 11M12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4',
  leave: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  sent: 'M4 12.5 9.5 18 20 7',
  wait: 'M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16M12 8v4.5l-2.5 2.5',
  alert: 'M12 4 2.5 20h19zM12 10v4.5M12 17.5h.01',
  speak: 'M4 5h16v11H11l-4 4v-4H4zM8 9h8M8 12.5h5',
  play: 'M7 5v14l12-7z',
  stop: 'M7 7h10v10H7z',
  print: 'M7 8V4h10v4M5 8h14v8h-2M7 16H5V8M7 13h10v7H7z',
  help: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M9.3 9.5a2.7 2.7 0 1 1 4 2.4c-.9.5-1.3 1-1.3 2M12 17h.01',
  undo: 'M8 6 4 10l4 4M4 10h10a5 5 0 0 1 0 10h-3',
} as const

export type Shape = keyof typeof shapes
