'use client'
import { create } from 'zustand'

type Drawer = { open: boolean; show: () => void; hide: () => void }

/** Only whether the drawer is open; what is in the cart is the server's to say. */
export const useCartDrawer = create<Drawer>()((set) => ({
  open: false,
  show: () => set({ open: true }),
  hide: () => set({ open: false }),
}))
