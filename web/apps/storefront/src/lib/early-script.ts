import { PREFERENCES_COOKIE } from '@/features/preferences/cookie-name'

/**
 * Runs before the first paint: the chosen appearance, the chosen currency (prices in another one stay hidden until
 * they are replaced), and blurred placeholders that go away once their picture is there.
 */
export const earlyScript = `(function(){var d=document,r=d.documentElement;try{var t=localStorage.getItem('stoa_theme');if(t==='light'||t==='dark')r.dataset.theme=t}catch(e){}
var c=/(?:^|; )${PREFERENCES_COOKIE}=([A-Z]{3})\\.[A-Z]{2}/.exec(d.cookie);if(c)r.dataset.currency=c[1];
d.addEventListener('load',function(e){var i=e.target;if(i&&i.dataset&&i.dataset.ph==='')i.style.backgroundImage='none'},true)})()`
