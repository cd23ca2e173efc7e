import { useRouterState } from '@tanstack/react-router'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { Dialog as AriaDialog, Modal, ModalOverlay } from 'react-aria-components'
import { Monogram } from '~/design/badge'
import { IconButton } from '~/design/button'
import { Icon } from '~/design/icons'
import { startEvents } from '../events'
import { useCan, useSession } from '../session'
import { Toasts } from '../toasts'
import { CommandPalette } from './command-palette'
import { KeyMap } from './key-map'
import { OfflineBanner } from './live-mark'
import { NavigationLinks, TabBar } from './navigation'
import { PersonMenu } from './person-menu'
import { useKeys } from './use-keys'
import './shell.css'

type Open = 'palette' | 'keys' | 'navigation'

/** Workspaces keep the page still; their panels scroll. */
const workspaces = [/^\/build\/tool\//, /^\/build\/import/, /^\/market\/t\/[^/]+\/[^/]+\/install/]

function useFocusOnNavigation(path: string) {
  const main = useRef<HTMLElement>(null)
  const before = useRef(path)
  useEffect(() => {
    if (before.current !== path) main.current?.focus({ preventScroll: true })
    before.current = path
  }, [path])
  return main
}

/** Navigation, bar and the page. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const path = useRouterState({ select: (state) => state.location.pathname })
  const [opened, setOpened] = useState<{ what: Open; path: string }>()
  // What was opened on one page is closed on the next.
  const open = opened?.path === path ? opened.what : undefined
  const main = useFocusOnNavigation(path)
  const follows = useCan()('events:read')
  const { organisation } = useSession()
  const close = useCallback(() => setOpened(undefined), [])
  const show = useCallback((what: Open) => setOpened({ what, path }), [path])
  const palette = useCallback(() => show('palette'), [show])
  const keys = useCallback(() => show('keys'), [show])
  useKeys({ onPalette: palette, onKeyMap: keys })
  useEffect(() => (follows ? startEvents() : undefined), [follows, organisation.id])
  const fixed = workspaces.some((pattern) => pattern.test(path))
  return (
    <div className={fixed ? 'shell shell-fixed' : 'shell'}>
      <a className="button skip" href="#main">
        Skip to the content
      </a>
      <OfflineBanner />
      <nav className="nav" aria-label="Main">
        <NavigationLinks />
      </nav>
      <header className="bar">
        <span className="bar-org" title={organisation.name}>
          <Monogram name={organisation.name} size={24} />
        </span>
        <span className="bar-menu">
          <IconButton icon="menu" label="Navigation" aria-haspopup="dialog" onClick={() => show('navigation')} />
        </span>
        <nav className="grow clip" aria-label="Breadcrumb" id="crumbs" />
        <button type="button" className="bar-search" onClick={palette} aria-haspopup="dialog" aria-keyshortcuts="Control+K">
          <Icon name="search" />
          <span className="clip">Search or run a command</span>
          <span className="key" aria-hidden="true" />
        </button>
        <PersonMenu onKeys={keys} />
      </header>
      <main className="main" id="main" tabIndex={-1} ref={main}>
        {children}
      </main>
      <TabBar onMore={() => show('navigation')} expanded={open === 'navigation'} />
      <ModalOverlay className="drawer-overlay" isOpen={open === 'navigation'} isDismissable onOpenChange={(now) => !now && close()}>
        <Modal className="drawer">
          <AriaDialog aria-label="Navigation">
            <NavigationLinks />
          </AriaDialog>
        </Modal>
      </ModalOverlay>
      <CommandPalette open={open === 'palette'} onClose={close} />
      <KeyMap open={open === 'keys'} onClose={close} />
      <Toasts />
    </div>
  )
}
