package org.parley.agents.phone.sip;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** Cuts a stream into messages by their Content-Length (RFC 3261, section 18.3). */
final class SipFrames extends ByteToMessageDecoder {
  private final int maxOctets;

  SipFrames(int maxOctets) {
    this.maxOctets = maxOctets;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws NotSip {
    while (in.isReadable() && isLineBreak(in.getByte(in.readerIndex()))) in.skipBytes(1);
    int there = Math.min(in.readableBytes(), maxOctets);
    byte[] octets = new byte[there];
    in.getBytes(in.readerIndex(), octets);
    int head = SipParser.headEnd(octets, there);
    if (head < 0) {
      if (there >= maxOctets) throw new NotSip("headers of more than " + maxOctets + " octets");
      return;
    }
    byte[] first = new byte[head];
    System.arraycopy(octets, 0, first, 0, head);
    int length = head + SipParser.bodyLength(first);
    if (length > maxOctets) throw new NotSip("a message of more than " + maxOctets + " octets");
    if (in.readableBytes() < length) return;
    byte[] message = new byte[length];
    in.readBytes(message);
    out.add(message);
  }

  private static boolean isLineBreak(byte octet) {
    return octet == '\r' || octet == '\n';
  }
}
