package org.parley.node;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import org.slf4j.LoggerFactory;

/** The TCP ports a node listens on. */
final class Ports {
  private Ports() {}

  /** A port that was free a moment ago. */
  static int free(String host) {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(host))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new NodeUnavailable("there is no free port at " + host + ".", e);
    }
  }

  /**
   * A port that is taken is told at once, and not after a database has been started.
   *
   * @param instead what to change when it is
   */
  static void requireFree(String host, int port, String instead) {
    try {
      new ServerSocket(port, 1, InetAddress.getByName(host)).close();
    } catch (BindException e) {
      // Other reasons than this one are told when somebody really listens there.
      if (!String.valueOf(e.getMessage()).contains("in use")) return;
      throw new NodeUnavailable(
          "Cannot listen on "
              + host
              + ':'
              + port
              + ": the port is taken; stop what uses it or choose another one with "
              + instead
              + ".",
          e);
    } catch (IOException e) {
      LoggerFactory.getLogger(Ports.class).debug("The port cannot be tried out", e);
    }
  }

  /** Other nodes reach a node at an address of its own machine, or not at all. */
  static void requireOwn(String host) {
    try {
      new ServerSocket(0, 1, InetAddress.getByName(host)).close();
    } catch (UnknownHostException e) {
      throw new NodeUnavailable(
          "parley.cluster.host = \"" + host + "\": the host name is not known.", e);
    } catch (IOException e) {
      throw new NodeUnavailable(
          "parley.cluster.host = \"" + host + "\" is not an address of this machine.", e);
    }
  }
}
