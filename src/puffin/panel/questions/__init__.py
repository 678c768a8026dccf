"""What can be asked of every asset of a panel; one question a file."""

from puffin.panel.questions.choosing import kind_of_question
from puffin.panel.questions.question import Answer, Question

__all__ = ["Answer", "Question", "kind_of_question"]
