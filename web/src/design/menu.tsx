import type { ReactElement, ReactNode } from 'react'
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Pressable } from 'react-aria-components'
import { Icon, type IconName } from './icons'

export interface MenuChoice {
  readonly id: string
  readonly label: ReactNode
  readonly text?: string
  readonly icon?: IconName
  readonly danger?: boolean
  readonly onChoose: () => void
}

interface MenuProps {
  readonly label: string
  readonly choices: readonly MenuChoice[]
  readonly trigger: ReactElement<Record<string, unknown>, string>
}

/** A button that opens a list of acts. The trigger is a native button element. */
export function Menu({ label, choices, trigger }: MenuProps) {
  return (
    <MenuTrigger>
      <Pressable>{trigger}</Pressable>
      <Popover className="popover" placement="bottom end">
        <AriaMenu className="menu" aria-label={label} onAction={(id) => choices.find((choice) => choice.id === id)?.onChoose()}>
          {choices.map((choice) => (
            <MenuItem
              key={choice.id}
              id={choice.id}
              className="menu-item"
              textValue={choice.text ?? (typeof choice.label === 'string' ? choice.label : choice.id)}
              data-danger={choice.danger || undefined}
            >
              {choice.icon && <Icon name={choice.icon} />}
              <span className="grow">{choice.label}</span>
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  )
}
