import { Dialog } from '~/design/dialog'
import { Facts } from '~/design/parts'
import { places } from './places'

const everywhere = [
  ['Ctrl K', 'Search pages, tools and runs'],
  ['/', 'Search of this page'],
  ['?', 'This list'],
  ['Ctrl Z', 'Undo the last act or edit'],
  ['Esc', 'Close the topmost'],
] as const

/** The keys of the application. */
export function KeyMap({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  const go = places.filter((place) => place.letter).map((place) => [`g ${place.letter}`, `Go to ${place.label}`] as const)
  return (
    <Dialog title="Keyboard shortcuts" open={open} onClose={onClose}>
      <Facts
        left
        facts={[...everywhere, ...go].map(([keys, meaning]) => ({
          name: keys,
          value: meaning,
        }))}
      />
      <p className="meta">Single letters act only when no field has focus. Switch them off under Settings, Appearance.</p>
    </Dialog>
  )
}
