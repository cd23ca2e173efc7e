import type { ButtonHTMLAttributes, MouseEvent, ReactNode } from 'react'
import { Icon, type IconName } from './icons'

export type ButtonKind = 'plain' | 'primary' | 'quiet' | 'link' | 'danger' | 'danger-solid'

interface Look {
  readonly kind?: ButtonKind
  readonly size?: 'small' | 'large'
  readonly wide?: boolean
}

/** The class names of a button, for links that look like one. */
export function buttonClass({ kind = 'plain', size, wide = false }: Look = {}): string {
  return ['button', kind !== 'plain' && `button-${kind}`, size && `button-${size}`, wide && 'button-wide']
    .filter(Boolean)
    .join(' ')
}

export interface ButtonProps extends Look, Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  readonly icon?: IconName
  /** The act is under way: the label says so and further presses do nothing. */
  readonly busy?: boolean
  readonly children: ReactNode
}

/** A button. Switched off or busy it keeps its focus and is announced, but does nothing. */
export function Button({ kind, size, wide, icon, busy = false, disabled = false, onClick, children, type = 'button', ...rest }: ButtonProps) {
  const off = busy || disabled
  const press = (event: MouseEvent<HTMLButtonElement>) => {
    if (off) event.preventDefault()
    else onClick?.(event)
  }
  return (
    <button {...rest} type={type} className={buttonClass({ kind, size, wide })} aria-disabled={off || undefined} onClick={press}>
      {icon && <Icon name={busy ? 'refresh' : icon} />}
      {children}
    </button>
  )
}

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'children'> {
  readonly icon: IconName
  readonly label: string
  readonly small?: boolean
}

/** A button that shows only an icon; its label is spoken and shown as a tooltip. */
export function IconButton({ icon, label, small = false, disabled = false, onClick, type = 'button', ...rest }: IconButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={`icon-button${small ? ' icon-button-small' : ''}`}
      aria-label={label}
      title={label}
      aria-disabled={disabled || undefined}
      onClick={disabled ? undefined : onClick}
    >
      <Icon name={icon} small={small} />
    </button>
  )
}
