import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { appearance } from '../preferences'
import { places } from './places'

interface Acts {
  readonly onPalette: () => void
  readonly onKeyMap: () => void
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"]') !== null

/** The keys that work everywhere. */
export function useKeys({ onPalette, onKeyMap }: Acts): void {
  const navigate = useNavigate()
  useEffect(() => {
    let leader = 0
    const letter = (event: KeyboardEvent) => {
      const place = Date.now() - leader < 1_200 ? places.find((each) => each.letter === event.key) : undefined
      leader = event.key === 'g' ? Date.now() : 0
      if (place) void navigate({ to: place.to })
      else if (event.key === '?') onKeyMap()
      else if (event.key === '/') document.querySelector<HTMLElement>('[data-page-search]')?.focus()
      else return
      event.preventDefault()
    }
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        onPalette()
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !appearance.get().letterKeys) return
      letter(event)
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [navigate, onPalette, onKeyMap])
}
