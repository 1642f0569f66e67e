/** A soft sound of two tones, made here: there is no file to fetch. */
export function chime(): void {
  if (!('AudioContext' in window)) return
  const audio = new AudioContext()
  const volume = audio.createGain()
  volume.connect(audio.destination)
  const start = audio.currentTime
  volume.gain.setValueAtTime(0.0001, start)
  volume.gain.exponentialRampToValueAtTime(0.08, start + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.5)
  for (const [pitch_hz, at] of [
    [659, 0],
    [880, 0.12],
  ] as const) {
    const tone = audio.createOscillator()
    tone.frequency.value = pitch_hz
    tone.connect(volume)
    tone.start(start + at)
    tone.stop(start + 0.5)
  }
  setTimeout(() => void audio.close(), 700)
}
