import { appearance, setAppearance } from '~/app/preferences'
import { useStore } from '~/app/store'
import { Check, Segments } from '~/design/field'
import { Card } from '~/design/parts'

/** Theme, density and keys, on this device. */
export function AppearanceSettings() {
  const now = useStore(appearance)
  return (
    <Card title="Appearance" count={<span className="hint">on this device</span>} padded>
      <div className="stack">
        <div className="row row-wrap row-loose">
          <span className="strong">Theme</span>
          <Segments
            label="Theme"
            value={now.theme}
            onChange={(theme) => setAppearance({ theme })}
            choices={[
              { value: 'system', label: 'As the system' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
        </div>
        <div className="row row-wrap row-loose">
          <span className="strong">Density</span>
          <Segments
            label="Density"
            value={now.density}
            onChange={(density) => setAppearance({ density })}
            choices={[
              { value: 'regular', label: 'Regular' },
              { value: 'compact', label: 'Compact' },
            ]}
          />
        </div>
        <Check
          kind="switch"
          label="Single-letter keys"
          hint="g then h, / and ?"
          checked={now.letterKeys}
          onChange={(event) => setAppearance({ letterKeys: event.target.checked })}
        />
      </div>
    </Card>
  )
}
