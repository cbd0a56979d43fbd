package org.parley.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What lies between one node and the database. Once it is cut nothing gets through and nothing is
 * refused, as behind a firewall that drops what comes.
 */
final class WayToDatabase implements AutoCloseable {
  private static final Pattern PORT = Pattern.compile("(?<=127\\.0\\.0\\.1:)\\d+");
  private static final int BUFFER_BYTES = 1 << 16;

  private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final String settings;
  private final int behind;

  // Guarded by this.
  private boolean cut;
  private boolean closed;

  /**
   * @param settings of a node that reaches the database directly
   */
  WayToDatabase(String settings) throws IOException {
    Matcher port = PORT.matcher(settings);
    if (!port.find()) throw new IllegalArgumentException("no port in " + settings);
    this.behind = Integer.parseInt(port.group());
    this.settings = port.replaceFirst(Integer.toString(door.getLocalPort()));
    start(this::let);
  }

  /** What a node needs to go this way. */
  String settings() {
    return settings;
  }

  synchronized void cut() {
    cut = true;
  }

  private synchronized void awaitWhole() throws IOException {
    try {
      while (cut && !closed) wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (closed) throw new IOException("the way is closed");
  }

  private void let() {
    while (true) {
      try {
        Socket outside = door.accept();
        start(() -> join(outside));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void join(Socket outside) {
    try (outside) {
      awaitWhole();
      try (Socket inside = new Socket(door.getInetAddress(), behind)) {
        outside.setTcpNoDelay(true);
        inside.setTcpNoDelay(true);
        start(() -> carry(inside, outside));
        carry(outside, inside);
      }
    } catch (IOException e) {
      // One of the two ends is gone.
    }
  }

  /** When one of the two ends, so does the other. */
  private void carry(Socket one, Socket other) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (one;
        other) {
      InputStream in = one.getInputStream();
      OutputStream out = other.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        awaitWhole();
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // One of the two ends is gone.
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "way-to-database");
    thread.setDaemon(true);
    thread.start();
  }

  /** Whoever still waits on it finds the connection broken. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    door.close();
  }
}
