package org.parley.node;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * What lies between a node and the others, in one direction: whatever they send to it comes through
 * here. While the link from one of them is cut nothing arrives; once it is mended what was on its
 * way does, late, as a network delivers it that has been mended before its connections broke. Other
 * nodes are told apart by the address that they connect from. Unlike a firewall, it takes no
 * rights.
 */
final class Link {
  private static final int WAITING = 50;
  private static final int BUFFER_BYTES = 1 << 16;

  /** The addresses from which nothing arrives. */
  private final Set<String> cut = new HashSet<>();

  synchronized void cut(String host) {
    cut.add(host);
  }

  synchronized void mend(String host) {
    cut.remove(host);
    notifyAll();
  }

  private synchronized void awaitWhole(String host) throws InterruptedException {
    while (cut.contains(host)) wait();
  }

  /** Listens where others reach a node, if the node itself listens elsewhere. */
  void open(ActorSystem<?> node) {
    Config artery = node.settings().config().getConfig("pekko.remote.artery");
    if (artery.getString("bind.port").isEmpty()) return;
    String host = artery.getString("canonical.hostname");
    try {
      InetAddress address = InetAddress.getByName(host);
      ServerSocket door = new ServerSocket(artery.getInt("canonical.port"), WAITING, address);
      int behind = artery.getInt("bind.port");
      start("link-door", () -> let(door, address, behind));
    } catch (IOException e) {
      throw new UncheckedIOException("the link to " + host + " cannot be opened", e);
    }
  }

  private void let(ServerSocket door, InetAddress host, int behind) {
    while (true) {
      try {
        Socket outside = door.accept();
        start("link-in", () -> join(outside, host, behind));
      } catch (IOException e) {
        System.err.println("a connection cannot be let in: " + e);
      }
    }
  }

  private void join(Socket outside, InetAddress host, int behind) {
    String from = outside.getInetAddress().getHostAddress();
    try (outside;
        Socket inside = new Socket(host, behind)) {
      outside.setTcpNoDelay(true);
      inside.setTcpNoDelay(true);
      start("link-out", () -> carry(from, inside, outside));
      carry(from, outside, inside);
    } catch (IOException e) {
      // The node does not listen any more.
    }
  }

  /** When one of the two ends, so does the other. */
  private void carry(String from, Socket one, Socket other) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (one;
        other) {
      InputStream in = one.getInputStream();
      OutputStream out = other.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        awaitWhole(from);
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // A node has died, or has closed the connection in the middle.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
