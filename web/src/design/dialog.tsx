import type { ReactNode } from 'react'
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { IconButton } from './button'

interface DialogProps {
  readonly title: string
  readonly open: boolean
  readonly onClose: () => void
  readonly wide?: boolean
  /** Cannot be dismissed by a press outside or the cross. */
  readonly firm?: boolean
  readonly foot?: ReactNode
  readonly children: ReactNode
}

/** A dialog that traps the focus and gives it back. */
export function Dialog({ title, open, onClose, wide = false, firm = false, foot, children }: DialogProps) {
  return (
    <ModalOverlay className="overlay" isOpen={open} isDismissable={!firm} isKeyboardDismissDisabled={firm} onOpenChange={(now) => !now && onClose()}>
      <Modal className={wide ? 'dialog dialog-wide' : 'dialog'}>
        <AriaDialog>
          <div className="dialog-head">
            <Heading slot="title" level={2} className="grow">
              {title}
            </Heading>
            {!firm && <IconButton icon="x" label="Close" onClick={onClose} />}
          </div>
          <div className="dialog-body">{children}</div>
          {foot && <div className="dialog-foot">{foot}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
