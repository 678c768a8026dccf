"""Laws of errors: which distribution a standardised error has, one law a file."""

from puffin.laws.asymmetric_t import AsymmetricT
from puffin.laws.jumps import WithJumps
from puffin.laws.law import Law, Shape
from puffin.laws.normal import Normal
from puffin.laws.registry import LAWS, find_law
from puffin.laws.student_t import StudentT

__all__ = ["LAWS", "AsymmetricT", "Law", "Normal", "Shape", "StudentT", "WithJumps", "find_law"]
