package org.parley.agents.phone.rtp;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Beats every 20 ms for all calls of an event loop together, while there are any. It costs no
 * thread and no timer a call.
 */
public final class MediaClock {
  static final long FRAME_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final EventLoop loop;
  private final Set<RtpStream> streams = new LinkedHashSet<>();
  private @Nullable ScheduledFuture<?> beat;

  public MediaClock(EventLoop loop) {
    this.loop = loop;
  }

  EventLoop loop() {
    return loop;
  }

  void add(RtpStream stream) {
    streams.add(stream);
    if (beat == null) {
      beat = loop.scheduleAtFixedRate(this::beat, 0, FRAME_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  void remove(RtpStream stream) {
    streams.remove(stream);
    ScheduledFuture<?> current = beat;
    if (streams.isEmpty() && current != null) {
      current.cancel(false);
      beat = null;
    }
  }

  private void beat() {
    long now = System.nanoTime();
    for (RtpStream stream : new ArrayList<>(streams)) stream.beat(now);
  }
}
