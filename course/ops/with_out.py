"""Functions that write their result into a tensor of the caller's: `add(x, y, out=z)`.

Every operation takes `out`; here are the functions around operations that programs call with it.
"""

from ..autograd import takes_out
from . import elementwise, linear, shapes

add = takes_out(elementwise.add)
sub = takes_out(elementwise.sub)
div = takes_out(elementwise.div)
matmul = takes_out(linear.matmul)
mm = takes_out(linear.mm)
bmm = takes_out(linear.bmm)
mv = takes_out(linear.mv)
dot = takes_out(linear.dot)
cat = takes_out(shapes.cat)
stack = takes_out(shapes.stack)
