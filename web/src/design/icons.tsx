/** Icons of our own: 16 px grid, 1.5 px stroke, round ends. */
const paths = {
  arrow: 'M2.5 8h11M9.5 4l4 4-4 4',
  bell: 'M4 11.5V7a4 4 0 0 1 8 0v4.5l1 1H3zM6.8 14.2h2.4',
  box: 'M8 1.8 13.5 4.8v6.4L8 14.2 2.5 11.2V4.8zM2.5 4.8 8 7.8l5.5-3M8 7.8v6.4',
  branch: 'M8 2v3.5M8 5.5 3.5 10v3.5M8 5.5l4.5 4.5v3.5',
  build: 'M5.5 3.5 2 8l3.5 4.5M10.5 3.5 14 8l-3.5 4.5M9 3 7 13',
  check: 'M3 8.5 6.5 12 13 4.5',
  'check-circle': 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M5.5 8.2l1.8 1.8 3.4-3.8',
  'chevron-down': 'M3.5 6 8 10.5 12.5 6',
  'chevron-left': 'M10 3.5 5.5 8l4.5 4.5',
  'chevron-right': 'M6 3.5 10.5 8 6 12.5',
  'chevron-up': 'M3.5 10 8 5.5l4.5 4.5',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 4.8V8l2.2 1.5',
  code: 'M5 4 1.5 8 5 12M11 4l3.5 4L11 12',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  doc: 'M4 1.8h5l3.5 3.5v9H4zM9 1.8v3.5h3.5M6 8.5h4.5M6 11h4.5',
  dot: 'M8 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7',
  download: 'M8 2.5V10M5 7.3l3 2.9 3-2.9M2.5 9.5v4h11v-4',
  drag: 'M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01',
  error: 'M5.4 1.9h5.2l3.5 3.5v5.2l-3.5 3.5H5.4l-3.5-3.5V5.4zM8 4.8v3.8M8 11h.01',
  external: 'M6 3.5H3v9.5h9.5V10M9 2.5h4.5V7M13.5 2.5 7.5 8.5',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8M8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6',
  filter: 'M2 3.5h12M4.5 8h7M6.5 12.5h3',
  globe: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M2 8h12M8 2c2 1.8 2.7 3.8 2.7 6S10 12.2 8 14C6 12.2 5.3 10.2 5.3 8S6 3.8 8 2',
  home: 'M2.5 7.5 8 3l5.5 4.5M4 6.5V13h8V6.5M6.8 13V9.5h2.4V13',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.3v3.7M8 5h.01',
  installed: 'M5.5 2v3.5M10.5 2v3.5M3.5 5.5h9v2.5a4.5 4.5 0 0 1-9 0zM8 12.5V14.5',
  key: 'M5.2 13.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4M7.2 9l6-6M11 5.2l1.8 1.8',
  keyboard: 'M1.5 4h13v8h-13zM4 6.5h.01M6.7 6.5h.01M9.3 6.5h.01M12 6.5h.01M5 9.5h6',
  link: 'M6.5 9.5 9.5 6.5M7.5 4.5l1.3-1.3a3 3 0 0 1 4.2 4.2L11.5 8.7M8.5 11.5l-1.3 1.3a3 3 0 0 1-4.2-4.2L4.5 7.3',
  list: 'M5.5 4h8.5M5.5 8h8.5M5.5 12h8.5M2.5 4h.01M2.5 8h.01M2.5 12h.01',
  lock: 'M3.5 7.2h9v6.3h-9zM5.5 7.2V5a2.5 2.5 0 0 1 5 0v2.2',
  market: 'M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM11.2 9v4.5M9 11.2h4.5',
  menu: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  pen: 'M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3zM9 4.7 11.3 7',
  play: 'M4.5 3v10l8-5z',
  plus: 'M8 3v10M3 8h10',
  publish: 'M8 10V2.5M5 5.2 8 2.3l3 2.9M2.5 9.5v4h11v-4',
  redo: 'M13 6.5H6.5a3.5 3.5 0 0 0 0 7H10M10.5 4 13 6.5 10.5 9',
  refresh: 'M13.5 8a5.5 5.5 0 1 1-1.7-4M13.5 2v3h-3',
  runs: 'M1.5 8.5h3l2-5.5 3 10 2-4.5h3',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10M14 14l-3.4-3.4',
  send: 'M6 10 14 2M14 2 9.5 14 6.8 9.2 2 6.5z',
  settings: 'M2 4.5h6.5M12 4.5h2M2 11.5h2M7.5 11.5H14M10.2 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4M5.8 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4',
  shield: 'M8 1.8 13 3.5v4.2c0 3-2 5.3-5 6.5-3-1.2-5-3.5-5-6.5V3.5z',
  'shield-check': 'M8 1.8 13 3.5v4.2c0 3-2 5.3-5 6.5-3-1.2-5-3.5-5-6.5V3.5zM5.8 7.8l1.6 1.6 2.8-3',
  'sign-out': 'M6 2.5H3v11h3M7 8h7M11 5l3 3-3 3',
  star: 'M8 1.6l1.9 4.1 4.5.5-3.3 3 .9 4.4L8 11.4l-4 2.2.9-4.4-3.3-3 4.5-.5z',
  table: 'M2.5 3h11v10h-11zM2.5 6.5h11M6.5 6.5V13',
  trash: 'M2.5 4.5h11M6 4.5V2.5h4v2M4 4.5l.6 9h6.8l.6-9',
  undo: 'M3 6.5h6.5a3.5 3.5 0 0 1 0 7H6M5.5 4 3 6.5 5.5 9',
  upload: 'M8 10V2.5M5 5.2 8 2.3l3 2.9M2.5 9.5v4h11v-4',
  user: 'M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8M2.8 13.8c.6-2.6 2.6-4 5.2-4s4.6 1.4 5.2 4',
  users: 'M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M1.5 13.3c.5-2.3 2.2-3.5 4.5-3.5s4 1.2 4.5 3.5M10.7 3.2a2.5 2.5 0 0 1 0 4.7M12 10.2c1.4.5 2.2 1.5 2.5 3.1',
  wand: 'M3 13 10.5 5.5M12 2v2M11 3h2M13.5 6.5v1.5M12.8 7.2h1.5M7.5 2.5V4M6.8 3.2h1.5',
  warn: 'M8 2.2 14.5 13.5h-13zM8 6.5v3M8 11.6h.01',
  x: 'M4 4l8 8M12 4l-8 8',
} as const

export type IconName = keyof typeof paths

const filled: ReadonlySet<IconName> = new Set<IconName>(['star', 'dot'])

export interface IconProps {
  readonly name: IconName
  readonly small?: boolean
}

/** A decorative icon; the word beside it, or the button's label, says what it means. */
export function Icon({ name, small = false }: IconProps) {
  const kind = `icon${small ? ' icon-small' : ''}${filled.has(name) ? ' icon-filled' : ''}`
  return (
    <svg className={kind} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}
