import { BUYER_COOKIE } from '@/features/buyer/cookie-name'
import { PREFERENCES_COOKIE } from '@/features/preferences/cookie-name'

/**
 * Runs before the first paint: the chosen appearance, the chosen currency and the mark of a buyer with prices of their
 * own (other prices stay hidden until they are replaced), and a mark on every picture that is there, so that its blurred placeholder goes away.
 * React does not know the mark and so never takes it off again.
 */
export const earlyScript = `(function(){var d=document,r=d.documentElement;try{var t=localStorage.getItem('stoa_theme');if(t==='light'||t==='dark')r.dataset.theme=t}catch(e){}
var c=/(?:^|; )${PREFERENCES_COOKIE}=([A-Z]{3})\\.[A-Z]{2}/.exec(d.cookie);if(c)r.dataset.currency=c[1];
var b=/(?:^|; )${BUYER_COOKIE}=([0-9a-f]{16})(?:;|$)/.exec(d.cookie);if(b)r.dataset.buyer=b[1];
d.addEventListener('load',function(e){var i=e.target;if(i&&i.tagName==='IMG')i.dataset.shown=''},true)})()`
